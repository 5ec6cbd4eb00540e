"""The edge: the Prefect flow, the command line, the settings. Start with `flows.clean_corpus`."""
