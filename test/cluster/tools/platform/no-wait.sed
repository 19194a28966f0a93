# cert-manager waits a minute after it has seen a record, so that all of the world's servers have it. Here is one.
s/^\tttl := 60$/\tttl := 0/
