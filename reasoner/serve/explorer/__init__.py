"""The pages for people: answers, scenarios and terms."""
