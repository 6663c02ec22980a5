public enum StreamNeighbour {}
