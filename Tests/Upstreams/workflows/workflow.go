// A workflow with Go's net/http.
//
// usage: workflow PORT
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
)

type event struct {
	Event, ID, Data *string
	Retry           *int
}

type variables struct {
	Signs  int
	Breaks bool
	Pieces []json.RawMessage
}

func eventText(event event) string {
	var text strings.Builder
	if event.Event != nil {
		fmt.Fprintf(&text, "event: %s\n", *event.Event)
	}
	if event.ID != nil {
		fmt.Fprintf(&text, "id: %s\n", *event.ID)
	}
	if event.Retry != nil {
		fmt.Fprintf(&text, "retry: %d\n", *event.Retry)
	}
	if event.Data != nil {
		for _, line := range strings.Split(*event.Data, "\n") {
			fmt.Fprintf(&text, "data: %s\n", line)
		}
	}
	return text.String() + "\n"
}

// Responds with the pieces; encode returns the text of one, and whether the client will send a signal for it.
func respond(contentType string, encode func(json.RawMessage) (string, bool, error)) http.HandlerFunc {
	return func(writer http.ResponseWriter, request *http.Request) {
		var variables variables
		if err := json.NewDecoder(request.Body).Decode(&variables); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		signs, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", variables.Signs))
		if err != nil {
			panic(err)
		}
		defer signs.Close()
		writer.Header().Set("Content-Type", contentType)
		for _, piece := range variables.Pieces {
			text, waits, err := encode(piece)
			if err != nil {
				panic(err)
			}
			io.WriteString(writer, text)
			writer.(http.Flusher).Flush()
			if waits {
				if _, err := io.ReadFull(signs, make([]byte, 1)); err != nil {
					return
				}
			}
		}
		if variables.Breaks {
			panic(http.ErrAbortHandler)
		}
	}
}

func main() {
	http.HandleFunc("/workflows/events", respond("text/event-stream", func(piece json.RawMessage) (string, bool, error) {
		var event event
		err := json.Unmarshal(piece, &event)
		return eventText(event), event.Data != nil, err
	}))
	http.HandleFunc("/workflows/text", respond("text/plain", func(piece json.RawMessage) (string, bool, error) {
		var text string
		err := json.Unmarshal(piece, &text)
		return text, true, err
	}))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
