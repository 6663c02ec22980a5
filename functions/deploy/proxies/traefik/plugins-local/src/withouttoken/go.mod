module withouttoken

go 1.19
