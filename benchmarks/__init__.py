"""Speed and memory, measured: ``python -m benchmarks`` prints the tables; nothing here is a test."""
