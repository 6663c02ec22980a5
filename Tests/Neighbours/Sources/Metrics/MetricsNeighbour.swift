public enum MetricsNeighbour {}
