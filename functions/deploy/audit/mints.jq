# Counts the tokens minted on a day: organization, key, the key's name, and the count, highest first.
#
# usage: jq -rnR --arg day 2026-01-31 --slurpfile keys KEYS -f mints.jq LOG...
#
# LOG is the token function's log; lines of other programs are skipped. KEYS is the output of
# `local-runtime keys list --json`. An organization whose key was deleted is listed by its tag.
INDEX($keys[0][]; .id) as $known
| reduce (
    inputs | fromjson? | objects
    | select(.message == "audit" and .event == "mint" and (.time // "" | startswith($day)))
  ) as $mint ({}; .[$mint.key] |= {tag: $mint.organization_tag, count: ((.count // 0) + 1)})
| to_entries
| sort_by(-.value.count, .key)[]
| [$known[.key].organization // .value.tag, .key, $known[.key].name // "", .value.count]
| @tsv
