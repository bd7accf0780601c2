"""What the end-to-end tests are made of: servers, processes of the suite, event logs and their judge."""
