import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HEADER, openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

const bar = (symbol: string, day: string, close: string, volume = "1") =>
  `${symbol},2024-01-${day},10,20,5,${close},${volume}`;
const csv = (...rows: string[]) => `${[HEADER, ...rows].join("\n")}\n`;

describe("importFiles() settles rows of one key within a file", () => {
  test("identical repeats keep the first, different ones the last", async () => {
    const path = bench.file(
      "repeats.csv",
      csv(
        bar("A", "02", "10"),
        bar("A", "02", "10"),
        bar("A", "02", "10"),
        bar("B", "02", "10"),
        bar("B", "02", "11"),
        bar("B", "02", "12"),
        bar("B", "02", "12"),
        bar("C", "02", "10"),
        bar("C", "02", "11"),
        bar("C", "02", "10"), // back again: it is the last that counts
      ),
    );
    const report = await bench.run({ files: [path] });
    expect(report.total).toEqual({
      in: 10,
      kept: 3,
      quarantined: { "identical-repeat": 3, "conflicting-repeat": 4 },
      warnings: {},
    });
    expect(await bench.stored("symbol, close")).toEqual([
      ["A", "10"],
      ["B", "12"],
      ["C", "10"],
    ]);
    expect((await bench.quarantined(report)).map(([, line, reason]) => [line, reason])).toEqual([
      ["3", "identical-repeat"],
      ["4", "identical-repeat"],
      ["5", "conflicting-repeat"],
      ["6", "conflicting-repeat"],
      ["8", "identical-repeat"],
      ["9", "conflicting-repeat"],
      ["10", "conflicting-repeat"],
    ]);
    expect((await bench.quarantined(report))[2]![3]).toBe(
      '{"symbol":"B","ts":"2024-01-02","open":"10.0","high":"20.0","low":"5.0","close":"10.0","volume":"1.0"}',
    );
  });

  test("a null differs from a value and equals a null", async () => {
    const path = bench.file(
      "nulls.csv",
      csv(
        bar("A", "02", "10", ""),
        bar("A", "02", "10", ""),
        bar("B", "02", "10", ""),
        bar("B", "02", "10", "7"),
      ),
    );
    const report = await bench.run({ files: [path] });
    expect(report.total.quarantined).toEqual({ "identical-repeat": 1, "conflicting-repeat": 1 });
    expect(await bench.stored("symbol, volume")).toEqual([
      ["A", null],
      ["B", "7"],
    ]);
  });

  test("warnings count kept rows only", async () => {
    const path = bench.file("warned.csv", csv(bar("A", "02", ""), bar("A", "02", ""), bar("B", "02", "")));
    const report = await bench.run({ files: [path] });
    expect(report.total.kept).toBe(2);
    expect(report.total.warnings).toEqual({ "null-price": 2 });
  });
});

describe("importFiles() settles rows of one key over files", () => {
  const days = [
    csv(bar("A", "02", "10"), bar("A", "03", "10"), bar("B", "02", "10")),
    csv(bar("A", "03", "11"), bar("A", "04", "11"), bar("B", "02", "10")),
    csv(
      bar("A", "03", "11"),
      bar("A", "03", "12"),
      bar("A", "02", "9"),
      bar("C", "02", "1"),
      bar("C", "02", "10"),
    ),
    csv(bar("A", "02", "10"), bar("A", "03", "12"), bar("Z", "09", "10")),
  ];

  test("a later file replaces without a known time, and one by one gives what together gives", async () => {
    const paths = days.map((text, at) => bench.file(`day-${at}.csv`, text));
    const together = await bench.run({ dataset: "together", files: paths });
    const reports = [];
    for (const path of paths) reports.push(await bench.run({ dataset: "apart", files: [path] }));

    const expected = [
      ["A", "2024-01-02", "10"],
      ["A", "2024-01-03", "12"],
      ["A", "2024-01-04", "11"],
      ["B", "2024-01-02", "10"],
      ["C", "2024-01-02", "10"],
      ["Z", "2024-01-09", "10"],
    ];
    const columns = "symbol, ts, close";
    expect(await bench.stored(columns, "together")).toEqual(expected);
    const apart = await bench.stored(columns, "apart");
    expect(apart.toSorted((a, b) => (a.join() < b.join() ? -1 : 1))).toEqual(expected);
    expect(bench.record("apart").counts).toEqual(bench.record("together").counts);
    expect(bench.record("together").counts).toEqual({
      in: 14,
      kept: 6,
      quarantined: {
        "open-close-outside-range": 1,
        "identical-repeat": 2,
        "conflicting-repeat": 1,
        superseded: 4,
      },
      warnings: {},
    });
    expect(together.files.map((file) => [file.in, file.kept])).toEqual([
      [3, 1],
      [3, 1],
      [5, 2],
      [3, 2],
    ]);
    expect(
      reports.map((report) => [report.total.in, report.total.kept, report.replacedRows, report.datasetRows]),
    ).toEqual([
      [3, 3, 0, 3],
      [3, 2, 1, 4],
      [5, 3, 2, 5],
      [3, 2, 1, 6],
    ]);
  });

  test("a superseded row is quarantined with the file it was stored in", async () => {
    await bench.run({ files: [bench.file("one.csv", days[0]!)] });
    const before = bench.record().files[0]!;
    const report = await bench.run({ files: [bench.file("two.csv", days[1]!)] });
    expect(await bench.quarantined(report)).toEqual([
      [
        `${bench.dataDir}/bars/${before.path}`,
        "2",
        "superseded",
        '{"symbol":"A","ts":"2024-01-03","open":"10.0","high":"20.0","low":"5.0","close":"10.0","volume":"1.0"}',
      ],
      [
        bench.dir + "/in/two.csv",
        "4",
        "identical-repeat",
        '{"symbol":"B","ts":"2024-01-02","open":"10.0","high":"20.0","low":"5.0","close":"10.0","volume":"1.0"}',
      ],
    ]);
    expect(bench.record().files.some((file) => file.path === before.path)).toBe(false);
  });

  test("a file whose every row is there already is remembered and changes nothing", async () => {
    await bench.run({ files: [bench.file("one.csv", days[0]!)] });
    const before = bench.record();
    const report = await bench.run({ files: [bench.file("copy.csv", `${days[0]!}\n`)] });
    expect(report.total).toEqual({ in: 3, kept: 0, quarantined: { "identical-repeat": 3 }, warnings: {} });
    expect(report.changed).toBe(false);
    expect(bench.record().fingerprint).toBe(before.fingerprint);
    expect(bench.record().files).toEqual(before.files);
    expect(bench.record().sources).toHaveLength(2);
  });
});

describe("importFiles() with a known time", () => {
  const header = "symbol,date,close,seen";
  test("keeps restatements, and settles repeats of one observation as ever", async () => {
    const first = bench.file(
      "first.csv",
      `${header}\nA,2024-01-02,10,20240102\nA,2024-01-02,10,20240103\nA,2024-01-02,10,20240102\n`,
    );
    const second = bench.file("second.csv", `${header}\nA,2024-01-02,5,20240105\nA,2024-01-02,11,20240103\n`);
    const report = await bench.run({ files: [first, second], calendar: "us-equities" });
    expect(report.total.quarantined).toEqual({ "identical-repeat": 1, superseded: 1 });
    expect(report.layout).toBe("overlapping");
    expect(await bench.stored("ts, epoch_us(known_at), close")).toEqual(
      [
        ["2024-01-02", "2024-01-03T05:00:00Z", "10"],
        ["2024-01-02", "2024-01-04T05:00:00Z", "11"],
        ["2024-01-02", "2024-01-06T05:00:00Z", "5"],
      ].map(([date, known, close]) => [date, String(Date.parse(known!) * 1000), close]),
    );
    expect(bench.record().latestKnownTime).toBe(Date.parse("2024-01-06T05:00:00Z") * 1000);
    expect(bench.record().knownTime).toBe("known_at");
  });

  test("takes the column that is named, and its times in the zone that is given", async () => {
    const path = bench.file("known.csv", "symbol,date,close,published\nA,2024-01-02,10,2024-01-02 18:00\n");
    await bench.run({ files: [path], knownAt: "published", timezone: "America/New_York" });
    expect(await bench.stored("epoch_us(known_at)")).toEqual([
      [String(Date.parse("2024-01-02T23:00:00Z") * 1000)],
    ]);
  });
});
