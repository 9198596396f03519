import { ScheduleAnswer } from "./answer-schemas.ts";
import { jsonResponse } from "./json-response.ts";
import { NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

/** Publications at stated times. */
export function addScheduleRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/schedule",
      summary: "Publications at stated times: when they are due next, and how they ended last",
      query: NoQuery,
      answers: { 200: { what: "the schedule", mediaTypes: ["application/json"], json: ScheduleAnswer } },
    },
    async ({ request }) => jsonResponse(request, await services.schedule.view()),
  );
}
