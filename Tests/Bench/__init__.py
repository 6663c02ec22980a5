"""What script/bench runs: measures, the parts that they measure, and what puts load on them."""
