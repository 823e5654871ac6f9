import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { create } from "./dom.ts";
import { count, formatNumber, formatShort } from "./format.ts";
import type { DayOfUse } from "./usage.ts";

use([BarChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

/** The style sheet defines the colours, for light and dark mode. */
const MUTED = { color: "var(--muted)", fontSize: 11 };
const RULE = { lineStyle: { color: "var(--line)" } };

/**
 * Creates a bar chart of tokens per day. A screen reader gets a summary; the table has all numbers.
 */
export function createUsageChart(signal: AbortSignal) {
  const canvas = create("div", { class: "chart" });
  const figure = create("figure", { role: "img" }, canvas);
  let chart: ReturnType<typeof init> | undefined;
  let options: ReturnType<typeof optionsFor> | undefined;
  const observer = new ResizeObserver(() => render());
  observer.observe(canvas);
  signal.addEventListener("abort", () => {
    observer.disconnect();
    chart?.dispose();
  });

  /** Does nothing while the canvas is hidden. It is called again when the canvas is shown. */
  function render() {
    if (!options || signal.aborted || canvas.clientWidth === 0) return;
    chart ??= init(canvas, null, { renderer: "svg" });
    chart.setOption(options);
    chart.resize();
  }

  return {
    element: figure,
    draw(days: DayOfUse[]) {
      figure.setAttribute("aria-label", describe(days));
      options = optionsFor(days);
      render();
    },
  };
}

function describe(days: DayOfUse[]): string {
  const total = ({ prompt, completion }: DayOfUse) => prompt + completion;
  const used = days.filter((day) => total(day) > 0);
  const highest = used.reduce<DayOfUse | undefined>(
    (best, day) => (best && total(best) >= total(day) ? best : day),
    undefined,
  );
  if (!highest) return "Bars: tokens by day. No usage this month.";
  const peak = `${formatNumber(total(highest))} on ${highest.date}`;
  return `Bars: tokens by day. ${count(used.length, "day")} with usage. Highest: ${peak}.`;
}

function optionsFor(days: DayOfUse[]) {
  const seriesOf = (name: string, color: string, values: number[]) => ({
    name,
    type: "bar",
    stack: "tokens",
    data: values,
    barMaxWidth: 14,
    itemStyle: { color: `var(${color})` },
    // ECharts cannot compute a highlight from a CSS variable.
    emphasis: { disabled: true },
  });
  return {
    animation: false,
    grid: { outerBoundsMode: "none", left: 32, right: 4, top: 34, bottom: 22 },
    legend: {
      left: 0,
      top: 0,
      padding: 0,
      icon: "roundRect",
      itemWidth: 10,
      itemHeight: 10,
      itemGap: 20,
      textStyle: MUTED,
    },
    tooltip: {
      trigger: "axis",
      backgroundColor: "var(--surface)",
      borderColor: "var(--line)",
      textStyle: { color: "var(--ink)", fontSize: 12 },
      axisPointer: { type: "shadow", shadowStyle: { color: "var(--line)", opacity: 0.5 } },
    },
    xAxis: {
      type: "category",
      data: days.map(({ date }) => String(Number(date.slice(8)))),
      axisTick: { show: false },
      axisLine: RULE,
      axisLabel: { ...MUTED, interval: (i: number) => i % 7 === 0 },
    },
    yAxis: {
      type: "value",
      splitNumber: 3,
      splitLine: RULE,
      axisLabel: { ...MUTED, formatter: formatShort },
    },
    series: [
      seriesOf(
        "Prompt",
        "--chart-1",
        days.map(({ prompt }) => prompt),
      ),
      seriesOf(
        "Completion",
        "--chart-2",
        days.map(({ completion }) => completion),
      ),
    ],
  };
}
