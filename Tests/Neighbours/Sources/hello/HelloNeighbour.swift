public enum HelloNeighbour {}
