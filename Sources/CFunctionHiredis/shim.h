// hiredis' protocol code alone: the reader and the formatter. Its sockets and event adapters are not used.
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
