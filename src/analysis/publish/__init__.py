"""From notebooks to the shared folder: execution, rendering, index, manifest."""
