import assert from "node:assert/strict";
import * as fc from "fast-check";
import { addressIn, contains, coverTogether } from "../../../components/shared/addresses";

const LAN = "10.1.2.192/26";

/** A network that has a part of the LAN, or lies beside it, or holds it whole. */
const network = fc
  .tuple(fc.integer({ min: 128, max: 255 }), fc.integer({ min: 24, max: 32 }))
  .map(([last, bits]) => `10.1.2.${last}/${bits}`);

describe("networks", () => {
  it("cover another together exactly where each of its addresses is in one of them", () => {
    const addresses = Array.from({ length: 64 }, (_, index) => addressIn(LAN, index));
    fc.assert(
      fc.property(fc.array(network, { maxLength: 6 }), (networks) => {
        const whole = addresses.every((each) => networks.some((one) => contains(one, each)));
        assert.equal(coverTogether(networks, LAN), whole);
      }),
    );
  });

  it("cover it as halves and as quarters, but not if one is missing", () => {
    const quarters = [192, 208, 224, 240].map((last) => `10.1.2.${last}/28`);
    assert.ok(coverTogether(["10.1.2.224/27", "10.1.2.192/27"], LAN));
    assert.ok(coverTogether(quarters, LAN));
    for (const missing of quarters)
      assert.ok(
        !coverTogether(
          quarters.filter((each) => each !== missing),
          LAN,
        ),
      );
  });
});
