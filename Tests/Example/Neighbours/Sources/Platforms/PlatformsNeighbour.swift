public enum PlatformsNeighbour {}
