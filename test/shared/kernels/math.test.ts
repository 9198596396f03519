import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { exp, hypot, log, log10, log1p } from "../../../shared/kernels/index.ts";
import { seededRandom } from "./series.ts";

const COUNT = 200_000;
const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

/** The number of doubles between two numbers. */
function ulpsBetween(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const distance = ordinal(a) - ordinal(b);
  return Number(distance < 0n ? -distance : distance);
}

function ordinal(x: number): bigint {
  float[0] = x;
  return bits[0]! < 0n ? -(bits[0]! & 0x7fff_ffff_ffff_ffffn) : bits[0]!;
}

/** Doubles from random bits: all exponents are equally likely. */
function randomDoubles(seed: number, sign: 1 | -1 | 0): Float64Array {
  const random = seededRandom(seed);
  const words = new Uint32Array(COUNT * 2);
  for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
  return new Float64Array(words.buffer).map((value) => {
    const finite = Number.isFinite(value) ? value : 1;
    return sign === 0 ? finite : Math.abs(finite) * sign;
  });
}

function spread(seed: number, from: number, to: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: COUNT }, () => from + (to - from) * random());
}

interface Case {
  readonly ours: (x: number) => number;
  readonly engine: (x: number) => number;
  /** The error of the engines' own functions, plus half a unit of ours. */
  readonly ulps: number;
  readonly inputs: Readonly<Record<string, Float64Array>>;
  readonly sha256: string;
}

const CASES: Readonly<Record<string, Case>> = {
  log: {
    ours: log,
    engine: Math.log,
    ulps: 1,
    inputs: {
      everywhere: randomDoubles(1, 1),
      "near 1": spread(2, 0.9, 1.1),
      "very near 1": spread(3, 1 - 1e-8, 1 + 1e-8),
    },
    sha256: "37426b828f1bf10e6b11263ad51389689e88e82156341ac6b1741036e47250df",
  },
  log10: {
    ours: log10,
    engine: Math.log10,
    ulps: 2,
    inputs: { everywhere: randomDoubles(4, 1), "near 1": spread(5, 0.9, 1.1) },
    sha256: "f6a410338604ca248f36efb73da40812c83c17afa24ca0b65f1e71a56262edce",
  },
  log1p: {
    ours: log1p,
    engine: Math.log1p,
    ulps: 1,
    inputs: {
      everywhere: randomDoubles(6, 1),
      "between -1 and 1": spread(7, -1, 1),
      tiny: spread(8, -1e-7, 1e-7),
      "at the edges of the reduction": spread(9, -0.3, 0.42),
    },
    sha256: "536f298e2d55668ffda709b071fc871643713487a111b109e99a978d7aad8bd5",
  },
  exp: {
    ours: exp,
    engine: Math.exp,
    ulps: 1,
    inputs: {
      everywhere: spread(10, -746, 710),
      "near 0": spread(11, -0.4, 0.4),
      tiny: spread(12, -1e-9, 1e-9),
      "with denormal results": spread(13, -745.2, -708),
    },
    sha256: "c1007973046bd83f9991f045f21a1603a4da800259cb8af60e5e5f584bd57994",
  },
};

describe.each(Object.keys(CASES))("%s()", (name) => {
  const { ours, engine, ulps, inputs, sha256 } = CASES[name]!;

  test.each(Object.keys(inputs))(
    `is within ${ulps} units in the last place of the engine's own, %s`,
    (where) => {
      let worst = 0;
      for (const x of inputs[where]!) worst = Math.max(worst, ulpsBetween(ours(x), engine(x)));
      expect(worst).toBeLessThanOrEqual(ulps);
    },
  );

  test("agrees exactly on zeros, one, infinities, NaN, and the smallest and largest numbers", () => {
    const special = [0, -0, Infinity, -Infinity, NaN, 5e-324, 2 ** -1022, Number.MAX_VALUE, -1.5];
    if (name !== "exp") special.push(1, -1);
    for (const x of special) {
      // A negative, finite argument of exp and log1p is no special case: one unit.
      expect(ulpsBetween(ours(x), engine(x))).toBeLessThanOrEqual(x === -1.5 ? 1 : 0);
    }
  });

  test("gives the bits that were recorded, on every runtime", () => {
    const hash = createHash("sha256");
    for (const values of Object.values(inputs)) hash.update(new Uint8Array(values.map(ours).buffer));
    expect(hash.digest("hex")).toBe(sha256);
  });
});

describe("log10()", () => {
  test("is exact for the powers of ten that are whole doubles", () => {
    for (let power = 0; power <= 22; power++) expect(log10(Number(`1e${power}`))).toBe(power);
  });
});

describe("exp()", () => {
  test("overflows and underflows where the format ends", () => {
    expect(exp(709.782712893384)).toBeLessThan(Infinity);
    expect(exp(709.7827128933841)).toBe(Infinity);
    expect(exp(-745.1332191019411)).toBe(5e-324);
    expect(exp(-745.1332191019412)).toBe(0);
  });
});

describe("hypot()", () => {
  const pairs = () => {
    const random = seededRandom(14);
    return Array.from(randomDoubles(15, 0), (x): [number, number] => [
      x,
      x * (random() - 0.5) * 2 ** Math.floor(20 * random()),
    ]);
  };

  test("is within 2 units in the last place of the engine's own", () => {
    let worst = 0;
    for (const [x, y] of pairs()) worst = Math.max(worst, ulpsBetween(hypot(x, y), Math.hypot(x, y)));
    expect(worst).toBeLessThanOrEqual(2);
  });

  test("is exact for whole right triangles, at any scale and in any order", () => {
    for (const scale of [1, 2 ** 600, 2 ** -600, 2 ** -1060]) {
      expect(hypot(3 * scale, -4 * scale)).toBe(5 * scale);
      expect(hypot(12 * scale, 5 * scale)).toBe(13 * scale);
    }
    expect(hypot(0, -7)).toBe(7);
    expect(hypot(1, 1e-200)).toBe(1);
  });

  test("puts infinity before NaN", () => {
    expect(hypot(NaN, -Infinity)).toBe(Infinity);
    expect(hypot(NaN, 1)).toBeNaN();
  });

  test("gives the bits that were recorded, on every runtime", () => {
    const values = Float64Array.from(pairs(), ([x, y]) => hypot(x, y));
    expect(createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex")).toBe(
      "ba927f4c755fd7ed3dded7f997ae2d4a115ebfb0c22ff3b1d2b1c74da1ea6d63",
    );
  });
});
