module lab.invalid/hello

go 1.25.0
