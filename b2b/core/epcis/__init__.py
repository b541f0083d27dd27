"""EPCIS 2.0 and its Core Business Vocabulary (GS1): identifiers, events, their fingerprints, checks and documents."""
