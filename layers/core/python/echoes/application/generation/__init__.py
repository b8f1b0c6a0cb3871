"""Use cases of the workflow that makes a clip: submit, poll, finish, settle, sweep."""
