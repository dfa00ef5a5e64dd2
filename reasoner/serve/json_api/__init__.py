"""The JSON API: answers, terms and scenarios for programs."""
