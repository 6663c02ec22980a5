# Who minted how many tokens on a day, the most first: organization, key, the key's name, and how many.
#
# usage: jq -rnR --arg day 2026-01-31 --slurpfile keys KEYS -f mints.jq LOG...
#
# LOG is what the token function has written; lines of others between its own do not matter. KEYS is what
# `local-runtime keys list --json` has printed. An organization whose key is gone stands with its tag.
INDEX($keys[0][]; .id) as $known
| reduce (
    inputs | fromjson? | objects
    | select(.message == "audit" and .event == "mint" and (.time // "" | startswith($day)))
  ) as $mint ({}; .[$mint.key] |= {tag: $mint.organization_tag, count: ((.count // 0) + 1)})
| to_entries
| sort_by(-.value.count, .key)[]
| [$known[.key].organization // .value.tag, .key, $known[.key].name // "", .value.count]
| @tsv
