module ddns-batch/bench

go 1.26.0

require ddns-batch v0.0.0

replace ddns-batch => ..
