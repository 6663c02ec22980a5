public enum HTTPNeighbour {}
