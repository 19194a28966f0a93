// Small programs of the suite's own: nothing but Go's standard library.
module vmstation/test/real/tools/small

go 1.25.0
