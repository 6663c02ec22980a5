"""The code of script/bench: measurements, the servers that they measure, and load generators."""
