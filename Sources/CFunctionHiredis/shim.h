// Only the protocol code of hiredis is used: the reader and the formatter, not its sockets or event adapters.
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
