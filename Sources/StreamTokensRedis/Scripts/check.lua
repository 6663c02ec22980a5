-- KEYS organization, token, held, open. ARGV clock. Answers why the token cannot be reserved, or 0. Writes nothing.
return (admit(nil))
