package main

import (
	"strconv"

	family "github.com/0xPolygon/cdk/aggregator/prover"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// describeMessages lists the fields of every message of the family, and the values of every enum, with their numbers.
func describeMessages() map[string]map[string]string {
	described := map[string]map[string]string{}
	addMessages(described, family.File_aggregator_proto.Messages())
	addEnums(described, family.File_aggregator_proto.Enums())
	return described
}

func addMessages(described map[string]map[string]string, messages protoreflect.MessageDescriptors) {
	for i := 0; i < messages.Len(); i++ {
		message := messages.Get(i)
		if message.IsMapEntry() {
			continue
		}
		fields := map[string]string{}
		for j := 0; j < message.Fields().Len(); j++ {
			field := message.Fields().Get(j)
			fields[string(field.Name())] = field.Cardinality().String() + " " + field.Kind().String() + " " + number(int32(field.Number()))
		}
		described[string(message.Name())] = fields
		addMessages(described, message.Messages())
		addEnums(described, message.Enums())
	}
}

func addEnums(described map[string]map[string]string, enums protoreflect.EnumDescriptors) {
	for i := 0; i < enums.Len(); i++ {
		enum := enums.Get(i)
		values := map[string]string{}
		for j := 0; j < enum.Values().Len(); j++ {
			values[string(enum.Values().Get(j).Name())] = number(int32(enum.Values().Get(j).Number()))
		}
		described[string(enum.Parent().Name())+"."+string(enum.Name())] = values
	}
}

func number(value int32) string {
	return strconv.Itoa(int(value))
}
