public enum RedisNeighbour {}
