public enum TokenNeighbour {}
