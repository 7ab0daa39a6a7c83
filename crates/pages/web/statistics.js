// Means over samples that come in clusters, with 95% intervals, and paired tests: the methods of
// `crates/statistics` (clustered_mean.rs, exponential_sum.rs, sign_flip.rs), for any selection of samples.

const Z_95 = 1.959963984540054;
const ENOUGH = 5;
const SIGN_FLIP_LIMIT = 14;

/** The complementary error function to about 1e-14: a series near 0, a continued fraction beyond. */
function erfc(x) {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 200; n += 1) {
      term *= (-x * x) / n;
      const next = term / (2 * n + 1);
      sum += next;
      if (Math.abs(next) < 1e-17 * Math.abs(sum)) break;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 80; n > 0; n -= 1) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

const normalCumulative = (z) => 0.5 * erfc(-z / Math.SQRT2);

function normalUpperQuantile(tail) {
  if (!(tail >= 0 && tail <= 1)) return NaN;
  if (tail <= 0) return Infinity;
  if (tail > 0.5) return -normalUpperQuantile(1 - tail);
  const target = Math.log(tail);
  let z = Math.sqrt(Math.max(0, -2 * (target + Math.LN2)));
  for (let n = 0; n < 60; n += 1) {
    const upper = normalCumulative(-z);
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const step = ((Math.log(upper) - target) * upper) / density;
    z += step;
    if (Math.abs(step) < 1e-14 * (1 + Math.abs(z))) break;
  }
  return z;
}

/** The normal quantile of P(sum <= 0), where each term multiplies exponential variables. */
function quantileOfZero(terms) {
  let least = 0;
  let greatest = 0;
  for (const { value } of terms) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  if (greatest <= 0) return Infinity;
  if (least >= 0) return -Infinity;
  const exact = oneAgainstAll(terms);
  if (exact !== null) return exact;
  const unit = Math.max(greatest, -least);
  const saddle = saddlepoint(terms, unit, unit / least, unit / greatest);
  let generating = 0;
  let second = 0;
  let third = 0;
  for (const { value, count } of terms) {
    const share = value / unit;
    const rest = 1 - saddle * share;
    const ratio = share / rest;
    generating -= count * Math.log(rest);
    second += count * ratio * ratio;
    third += 2 * count * ratio * ratio * ratio;
  }
  const root = Math.sqrt(Math.max(0, -2 * generating)) * Math.sign(saddle);
  if (Math.abs(root) < 1e-4) return root + third / (6 * second * Math.sqrt(second));
  return root + Math.log((saddle * Math.sqrt(second)) / root) / root;
}

function oneAgainstAll(terms) {
  for (const sign of [-1, 1]) {
    const same = terms.filter(({ value }) => value * sign > 0);
    if (same.length !== 1 || same[0].count > 1) continue;
    let log = 0;
    for (const { value, count } of terms) {
      if (value * sign < 0) log -= count * Math.log1p(-value / same[0].value);
    }
    return sign * normalUpperQuantile(Math.exp(log));
  }
  return null;
}

function saddlepoint(terms, unit, from, to) {
  const width = to - from;
  let at = 0;
  for (let n = 0; n < 100; n += 1) {
    let slope = 0;
    let curvature = 0;
    for (const { value, count } of terms) {
      const share = value / unit;
      const ratio = share / (1 - at * share);
      slope += count * ratio;
      curvature += count * ratio * ratio;
    }
    if (slope > 0) to = at;
    else from = at;
    let next = at - slope / curvature;
    if (!(next > from && next < to)) next = (from + to) / 2;
    const moved = Math.abs(next - at);
    at = next;
    if (moved < 1e-10 * width) break;
  }
  return at;
}

/** A mean over clusters as a distribution of what the mean of all clusters there could be may be. */
class ClusteredMean {
  constructor(clusters, bounds) {
    const sums = clusters.filter(({ weight }) => weight > 0);
    const weight = sums.reduce((total, cluster) => total + cluster.weight, 0);
    this.value = sums.reduce((total, cluster) => total + cluster.sum, 0) / weight;
    this.clusters = sums.length;
    this.bounds = bounds;
    this.groups = [];
    sums.sort((a, b) => a.sum - b.sum || a.weight - b.weight);
    for (const { sum, weight: of } of sums) {
      const last = this.groups.at(-1);
      if (last && last.sum === sum && last.weight === of) last.count += 1;
      else this.groups.push({ sum, weight: of, count: 1 });
    }
  }

  static of(clusters) {
    const mean = new ClusteredMean(clusters, [0, 1]);
    mean.unseen = [
      mean.unseenWeight((group) => group.weight - group.sum),
      mean.unseenWeight((group) => group.sum),
    ];
    return mean;
  }

  static ofDifferences(clusters) {
    const mean = new ClusteredMean(clusters, [-1, 1]);
    const weight = mean.unseenWeight((group) => Math.abs(group.sum));
    mean.unseen = [weight, weight];
    return mean;
  }

  unseenWeight(sizeOf) {
    const total = this.groups.reduce((sum, group) => sum + group.count * group.weight, 0);
    const mean = total / this.clusters;
    let second = 0;
    let fourth = 0;
    for (const group of this.groups) {
      const size = sizeOf(group);
      if (size > 1e-12 * mean) {
        second += group.count * size * size;
        fourth += group.count * size * size * size * size;
      }
    }
    if (fourth <= 0) return mean;
    const seen = (second * second) / fourth;
    const unknown = Math.max(0, 1 - seen / ENOUGH);
    return Math.sqrt(unknown * mean * mean + ((1 - unknown) * fourth) / second);
  }

  get informative() {
    const differ = this.groups.filter(({ sum, weight }) => Math.abs(sum) > 1e-12 * weight);
    return differ.reduce((sum, group) => sum + group.count, 0);
  }

  get low() {
    return this.limit(-Z_95, this.bounds[0], this.unseen[0]);
  }

  get high() {
    return this.limit(Z_95, this.bounds[1], this.unseen[1]);
  }

  /** The two-sided p-value of "the true mean is 0". */
  get p() {
    const below = normalCumulative(this.quantile(0, this.bounds[0], this.unseen[0]));
    const above = normalCumulative(-this.quantile(0, this.bounds[1], this.unseen[1]));
    return Math.min(1, 2 * Math.min(below, above));
  }

  quantile(value, bound, unseen) {
    const terms = this.groups.map(({ sum, weight, count }) => ({ value: sum - value * weight, count }));
    terms.push({ value: unseen * (bound - value), count: 1 });
    return quantileOfZero(terms);
  }

  limit(z, bound, unseen) {
    let low = bound;
    let high = bound;
    for (const { sum, weight } of this.groups) {
      low = Math.min(low, sum / weight);
      high = Math.max(high, sum / weight);
    }
    if (high <= low) return bound;
    const at = (value) => this.quantile(value, bound, unseen) - z;
    let from = low;
    let to = high;
    let known = Math.min(high, Math.max(low, this.value));
    let found = at(known);
    let next = (known + (found > 0 ? low : high)) / 2;
    for (let n = 0; n < 100; n += 1) {
      if (found > 0) to = Math.min(to, known);
      else from = Math.max(from, known);
      if (!(next > from && next < to)) next = (from + to) / 2;
      const there = at(next);
      const slope = (there - found) / (next - known);
      if (there > 0) to = next;
      else from = next;
      known = next;
      found = there;
      if (Math.abs(there) < 1e-7 || to - from < 1e-12 * (high - low)) break;
      next = Number.isFinite(slope) && slope > 0 ? next - there / slope : (from + to) / 2;
    }
    return known;
  }
}

/** The exact p-value over all ways to swap the runs within clusters; null for too many clusters. */
function signFlipP(differences) {
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  if (sizes.length > SIGN_FLIP_LIMIT) return null;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const observed = Math.abs(differences.reduce((sum, size) => sum + size, 0)) - 1e-9 * total;
  const patterns = 2 ** sizes.length;
  let extreme = 0;
  for (let pattern = 0; pattern < patterns; pattern += 1) {
    let sum = 0;
    sizes.forEach((size, bit) => {
      sum += (pattern >> bit) & 1 ? -size : size;
    });
    if (Math.abs(sum) >= observed) extreme += 1;
  }
  return extreme / patterns;
}

/** Sums by cluster of the values that `valueOf` gives for rows; rows without a value are left out. */
function sumsOf(rows, clusterOf, valueOf) {
  const sums = new Map();
  for (const row of rows) {
    const value = valueOf(row);
    if (value === null) continue;
    const cluster = clusterOf(row);
    const known = sums.get(cluster);
    if (known) {
      known.sum += value;
      known.weight += 1;
    } else {
      sums.set(cluster, { sum: value, weight: 1 });
    }
  }
  return [...sums.values()];
}

/** Mean of a selection with its interval; null if it holds nothing. */
export function meanOf(rows, clusterOf, valueOf) {
  const sums = sumsOf(rows, clusterOf, valueOf);
  if (sums.length === 0) return null;
  const samples = sums.reduce((count, { weight }) => count + weight, 0);
  const mean = ClusteredMean.of(sums);
  return { value: mean.value, low: mean.low, high: mean.high, samples, clusters: mean.clusters };
}

/** The paired difference of a selection with its interval and test; null if it holds nothing. */
export function differenceOf(rows, clusterOf, firstOf, secondOf) {
  const sums = sumsOf(rows, clusterOf, (row) => {
    const [first, second] = [firstOf(row), secondOf(row)];
    return first === null || second === null ? null : first - second;
  });
  if (sums.length === 0) return null;
  const samples = sums.reduce((count, { weight }) => count + weight, 0);
  const mean = ClusteredMean.ofDifferences(sums);
  const exact = signFlipP(sums.map(({ sum }) => sum));
  const least = Math.min(1, 2 ** (1 - mean.informative));
  const p = Math.min(1, Math.max(mean.p, exact ?? least));
  let { low, high } = mean;
  if (p > 0.05) {
    low = Math.min(low, 0);
    high = Math.max(high, 0);
  }
  return { value: mean.value, low, high, p, samples, clusters: mean.clusters, informative: mean.informative };
}
