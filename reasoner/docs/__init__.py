"""Documentation of the graph: plain pages in a folder that load nothing from elsewhere."""
