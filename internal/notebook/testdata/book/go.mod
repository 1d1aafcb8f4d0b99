module book

go 1.26
