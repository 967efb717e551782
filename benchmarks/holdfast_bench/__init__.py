"""The benchmarks: holdfast against its peers, as ratios from one interleaved run."""
