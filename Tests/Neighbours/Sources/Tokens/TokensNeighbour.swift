public enum TokensNeighbour {}
