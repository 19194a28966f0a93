import assert from "node:assert/strict";
import * as rpc from "@pulumi/pulumi/runtime/rpc";
import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
  Asset,
  marshalMap,
  Ref,
  Secret,
  UNKNOWN,
  unmarshalMap,
  WIRE,
} from "../../../scripts/engine/values";
import { propertyMaps } from "./arbitraries";

describe("property values", () => {
  it("use the signatures of the SDK", () => {
    assert.deepEqual(WIRE, {
      unknown: rpc.unknownValue,
      key: rpc.specialSigKey,
      asset: rpc.specialAssetSig,
      archive: rpc.specialArchiveSig,
      secret: rpc.specialSecretSig,
      resource: rpc.specialResourceSig,
      output: rpc.specialOutputValueSig,
    });
  });

  it("survive the wire, secrets, unknowns, assets and references included", () => {
    fc.assert(
      fc.property(propertyMaps, (map) => {
        const wire = Struct.fromJavaScript(marshalMap(map)).serializeBinary();
        const received = Struct.deserializeBinary(wire).toJavaScript();
        assert.deepEqual(unmarshalMap(received), map);
      }),
    );
  });

  it("read an output value as unknown without a value, and as secret where it says so", () => {
    const wire = {
      unknown: { [WIRE.key]: WIRE.output },
      known: { [WIRE.key]: WIRE.output, value: 1 },
      secret: { [WIRE.key]: WIRE.output, value: 1, secret: true },
    };
    assert.deepEqual(unmarshalMap(wire), { unknown: UNKNOWN, known: 1, secret: new Secret(1) });
  });

  it("read a reference without an id, or with an unknown one, as not known yet", () => {
    const resource = { [WIRE.key]: WIRE.resource, urn: "urn:a" };
    assert.deepEqual(
      unmarshalMap({
        none: resource,
        empty: { ...resource, id: "" },
        known: { ...resource, id: "i" },
      }),
      {
        none: new Ref("urn:a", undefined),
        empty: new Ref("urn:a", undefined),
        known: new Ref("urn:a", "i"),
      },
    );
  });

  it("read an asset's content", () => {
    const wire = { file: { [WIRE.key]: WIRE.asset, path: "a.sh" } };
    assert.deepEqual(unmarshalMap(wire), { file: new Asset("asset", { path: "a.sh" }) });
  });

  it("refuse a signature that is not known", () => {
    assert.throws(() => unmarshalMap({ a: { [WIRE.key]: "x" } }), /signature x/);
  });
});
