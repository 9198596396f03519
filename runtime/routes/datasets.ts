import type { DatasetRecord } from "../store/dataset.ts";
import { listFeatureSets, readFeatureSet, readManifest } from "../store/feature-sets.ts";
import { listDatasets, readDataset } from "../store/read-dataset.ts";
import { setImmediate } from "node:timers/promises";
import { inPath } from "./in-path.ts";
import { jsonResponse } from "./json-response.ts";
import { NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

const JSON_ONLY = ["application/json"];

/** What is stored: datasets, their feature sets and the versions of those. */
export function addDatasetRoutes(router: Router, services: Services): void {
  const dataDir = services.settings.data;
  router.add(
    {
      method: "get",
      path: "/datasets",
      summary: "All datasets",
      query: NoQuery,
      answers: { 200: { what: "names, sizes, time ranges", mediaTypes: JSON_ONLY } },
    },
    async ({ request }) => {
      const datasets = [];
      for (const name of listDatasets(dataDir)) {
        const record = readDataset(dataDir, name);
        datasets.push({
          ...summary(record),
          features: listFeatureSets(dataDir, name).map((set) => set.name),
        });
        // A record names every imported file. Records are read one at a time, so that other requests are served in
        // between.
        await setImmediate();
      }
      return jsonResponse(request, { datasets });
    },
  );
  router.add(
    {
      method: "get",
      path: "/datasets/{name}",
      summary: "A dataset: columns, clocks, counts of kept and quarantined rows, files, feature sets",
      query: NoQuery,
      answers: { 200: { what: "the dataset", mediaTypes: JSON_ONLY } },
    },
    ({ request, name }) => {
      const record = inPath(["unknown-dataset", "invalid-name"], () => readDataset(dataDir, name));
      return jsonResponse(request, { ...record, features: listFeatureSets(dataDir, name) });
    },
  );
  router.add(
    {
      method: "get",
      path: "/datasets/{name}/features/{feature}",
      summary: "A feature set and its versions, each with its schema, lineage and statistics",
      query: NoQuery,
      answers: { 200: { what: "the feature set", mediaTypes: JSON_ONLY } },
    },
    ({ request, name, feature }) => {
      const set = inPath(["unknown-dataset", "invalid-name", "unknown-feature"], () =>
        readFeatureSet(dataDir, name, feature),
      );
      const versions = set.versions.flatMap((version) => readManifest(dataDir, set, version) ?? []);
      return jsonResponse(request, { ...set, versions });
    },
  );
}

function summary(record: DatasetRecord) {
  const { name, kind, rowCount, index, columns, firstTs, lastTs, layout, fingerprint, importedAt, counts } =
    record;
  return {
    name,
    kind,
    rowCount,
    symbolCount: index.symbolCount,
    columns,
    firstTs,
    lastTs,
    bitemporal: record.knownTime !== null,
    layout,
    counts,
    fingerprint,
    importedAt,
  };
}
