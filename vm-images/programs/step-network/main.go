// Command step-network is the CNI plugin that connects a build's steps: BuildKit starts it, the agent does the work.
//
// What the agent is asked is one line of JSON on the socket that the network's configuration names; what it answers is
// what the plugin says. As "loopback" it says that there is one: the agent sees to that with the rest.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
)

// request is read by the agent (guest-agent/src/builder/step-networks.ts).
type request struct {
	Command   string `json:"command"`
	ID        string `json:"id"`
	Namespace string `json:"namespace"`
	Interface string `json:"interface"`
	Arguments string `json:"arguments"`
}

// configuration of the network, as the agent wrote it.
type configuration struct {
	CNIVersion string `json:"cniVersion"`
	Socket     string `json:"socket"`
}

type failure struct {
	CNIVersion string `json:"cniVersion"`
	Code       uint   `json:"code"`
	Message    string `json:"msg"`
}

// internalError is the first code that the CNI specification leaves to plugins.
const internalError = 100

func main() {
	var config configuration
	err := json.NewDecoder(os.Stdin).Decode(&config)
	if err == nil {
		err = answer(config)
	}
	if err != nil {
		_ = json.NewEncoder(os.Stdout).Encode(failure{config.CNIVersion, internalError, err.Error()})
		os.Exit(1)
	}
}

func answer(config configuration) error {
	asked := request{
		Command:   os.Getenv("CNI_COMMAND"),
		ID:        os.Getenv("CNI_CONTAINERID"),
		Namespace: os.Getenv("CNI_NETNS"),
		Interface: os.Getenv("CNI_IFNAME"),
		Arguments: os.Getenv("CNI_ARGS"),
	}
	switch {
	case asked.Command == "VERSION":
		fmt.Printf(`{"cniVersion":%q,"supportedVersions":[%q]}`, config.CNIVersion, config.CNIVersion)
	case filepath.Base(os.Args[0]) == "loopback":
		fmt.Printf(`{"cniVersion":%q,"interfaces":[{"name":%q,"sandbox":%q}]}`,
			config.CNIVersion, asked.Interface, asked.Namespace)
	default:
		return ask(config.Socket, asked)
	}
	return nil
}

func ask(socket string, asked request) error {
	agent, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	defer agent.Close()
	if err := json.NewEncoder(agent).Encode(asked); err != nil {
		return err
	}
	var said struct {
		Error  string          `json:"error"`
		Result json.RawMessage `json:"result"`
	}
	if err := json.NewDecoder(agent).Decode(&said); err == io.EOF {
		return fmt.Errorf("the agent has gone")
	} else if err != nil {
		return err
	}
	if said.Error != "" {
		return fmt.Errorf("%s", said.Error)
	}
	_, err = os.Stdout.Write(said.Result)
	return err
}
