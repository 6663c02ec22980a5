-- KEYS organization, token, held, open. ARGV clock. Returns why the token cannot be reserved, or 0. Writes nothing.
return (refusal(nil, KEYS[4], read(KEYS[2])))
