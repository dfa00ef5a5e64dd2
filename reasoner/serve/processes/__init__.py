"""Processes that do what a stranger asks for, so that the service can end them at any moment.

    request -> pool -> process -> worker -> tasks -> response

A fork server loads the graph once and forks a worker for each place of a pool; a worker gives up
files and connections, runs one task after another, and is killed when a task goes over its budget.
"""
