"""A real Kafka broker for tests, benchmarks and development: one that is named, or one from Maven's artefacts."""
