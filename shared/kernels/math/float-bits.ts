// Scratch memory for reading a double as two words. It carries nothing from one call to the next.
const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** Every power of two that a double can hold. A look-up is several times faster than assembling one from words. */
const LEAST_EXPONENT = -1074;
const POWERS_OF_TWO = powersOfTwo();

/** Returns the sign, the exponent and the upper 20 bits of the fraction. */
export function highWord(value: number): number {
  float[0] = value;
  return words[1]!;
}

/** Returns 2 raised to a whole power from -1074 to 1023. */
export function powerOfTwo(exponent: number): number {
  return POWERS_OF_TWO[exponent - LEAST_EXPONENT]!;
}

/** Computed by doubling, which is exact; `**` depends on the engine. */
function powersOfTwo(): Float64Array {
  const powers = new Float64Array(1024 - LEAST_EXPONENT);
  for (let i = 0, power = Number.MIN_VALUE; i < powers.length; i++, power *= 2) powers[i] = power;
  return powers;
}
