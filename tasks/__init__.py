"""The program: plain functions, table in, table out. Start with `tasks.stages`."""
