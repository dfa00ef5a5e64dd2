"""Runs the tasks of clients in worker processes, which the service can end at any moment.

    request -> dispatcher -> pool -> worker_process -> worker -> tasks -> response

A fork server loads the graph once and forks a worker for each place of a pool; a worker gives up
files and connections, runs one task after another, and is killed when a task goes over its budget.
"""
