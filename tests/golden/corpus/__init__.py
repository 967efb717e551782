"""What `holdfast bind` is tested with: a module per topic."""
