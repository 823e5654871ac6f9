import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { shorten } from "./format.ts";
import { Html } from "./html.ts";

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);

/** A series of numbers, with its name in the legend and a colour of the style sheet. */
export interface Series {
  name: string;
  color: Color;
  values: number[];
}

export type Color = "blue" | "green" | "orange";

/** How a chart formats its values and spaces the ticks of its value axis. */
export interface Unit {
  format: (value: number) => string;
  /** Returns the tick distance for an axis up to `max`. ECharts chooses if absent. */
  interval?: (max: number) => number;
  /** Whether all values are whole numbers. */
  isWhole?: boolean;
}

interface TimeChart {
  /** The labels of the horizontal axis, one per value. */
  days: string[];
  series: Series[];
  unit: Unit;
}

interface RankChart {
  labels: string[];
  /** The series are stacked. */
  series: Series[];
  unit: Unit;
  /** A reference value, drawn as a line. */
  limit?: { value: number; label: string };
  /** Draws a logarithmic axis from 0.5 on, for ratios of different magnitudes. Bars start at 1. */
  isLogarithmic?: boolean;
}

/** Pixels: about the width of a card, so that the browser does not scale the text. */
const WIDTH = 600;
const TIME_HEIGHT = 260;
const ROW_HEIGHT = 26;
const LEGEND_HEIGHT = 34;
const AXIS_HEIGHT = 30;
/** Pixels per character of a wide font, because the reader's font is unknown. */
const CHARACTER_WIDTH = 7.5;
const LABEL_CHARACTERS = 36;

/** Draws lines over time. */
export function drawLines({ days, series, unit }: TimeChart): Html {
  return draw(TIME_HEIGHT, {
    ...timeAxes(days, series, unit),
    legend: legendOf(series),
    series: series.map(({ name, color, values }) => ({
      ...seriesOf(name, color),
      type: "line",
      // A single point draws no line, so it needs a symbol.
      showSymbol: values.length === 1,
      lineStyle: { color: colorOf(color), width: 2 },
      data: values,
    })),
  });
}

/** Draws stacked columns over time: positive values upwards, negative values downwards. */
export function drawColumns({ days, series, unit }: TimeChart): Html {
  return draw(TIME_HEIGHT, {
    ...timeAxes(days, series, unit),
    legend: legendOf(series),
    series: series.map(({ name, color, values }) => ({
      ...seriesOf(name, color),
      type: "bar",
      stack: "all",
      data: values,
    })),
  });
}

/** Draws horizontal bars, the first on top, each with its value at the end. */
export function drawRanking({ labels, series, unit, limit, isLogarithmic }: RankChart): Html {
  const names = labels.map((label) => shorten(label, LABEL_CHARACTERS));
  const totals = totalsOf(series);
  const max = Math.max(limit?.value ?? 0, ...totals);
  const top = series.length > 1 || limit ? LEGEND_HEIGHT : 8;
  return draw(top + labels.length * ROW_HEIGHT + AXIS_HEIGHT, {
    grid: {
      outerBoundsMode: "none",
      left: Math.max(...names.map(({ length }) => length)) * CHARACTER_WIDTH + 14,
      right: 76,
      top,
      bottom: AXIS_HEIGHT,
    },
    legend: legendOf(series),
    xAxis: isLogarithmic
      ? { ...valueAxis(unit, max), type: "log", min: 0.5, max: roundUp(max) }
      : { ...valueAxis(unit, max), splitNumber: 4, ...(limit && { max: roundUp(max) }) },
    yAxis: {
      ...categoryAxis(names),
      inverse: true,
      axisLabel: { ...LABEL, color: "var(--ink)", interval: 0 },
    },
    series: series.map(({ name, color, values }, i) => ({
      ...seriesOf(name, color),
      type: "bar",
      stack: "all",
      barMaxWidth: 16,
      data: values,
      ...(i === series.length - 1 && {
        label: {
          show: true,
          position: "right",
          color: "var(--ink)",
          formatter: ({ dataIndex }: { dataIndex: number }) => unit.format(totals[dataIndex] ?? 0),
        },
        ...(limit && { markLine: markLineOf(limit) }),
      }),
    })),
  });
}

/** Returns the sum of each stack. */
function totalsOf(series: Series[]): number[] {
  const [first] = series;
  return (first?.values ?? []).map((_, i) =>
    series.reduce((sum, { values }) => sum + (values[i] ?? 0), 0),
  );
}

/** Returns a CSS variable, because the page sets light or dark colours. */
function colorOf(color: Color): string {
  return `var(--${color})`;
}

const LABEL = { color: "var(--muted)", fontSize: 12 };
const RULE = { lineStyle: { color: "var(--rule)" } };

function seriesOf(name: string, color: Color) {
  return {
    name,
    silent: true,
    emphasis: { disabled: true },
    itemStyle: { color: colorOf(color) },
  };
}

function legendOf(series: Series[]) {
  return {
    show: series.length > 1,
    left: 4,
    top: 0,
    silent: true,
    icon: "rect",
    itemWidth: 12,
    itemHeight: 12,
    itemGap: 30,
    textStyle: { ...LABEL, color: "var(--ink)" },
  };
}

function timeAxes(days: string[], series: Series[], unit: Unit) {
  const max = Math.max(...series.flatMap(({ values }) => values));
  return {
    grid: { left: 8, right: 16, top: 40, bottom: 8 },
    xAxis: { ...categoryAxis(days), axisLabel: { ...LABEL, hideOverlap: true } },
    yAxis: valueAxis(unit, max),
  };
}

function categoryAxis(data: string[]) {
  return { type: "category", data, axisTick: { show: false }, axisLine: RULE };
}

function valueAxis({ format, interval, isWhole }: Unit, max: number) {
  return {
    type: "value",
    ...(interval && max > 0 && ticksUpTo(max, interval(max))),
    ...(isWhole && { minInterval: 1 }),
    axisLabel: { ...LABEL, formatter: format, hideOverlap: true },
    axisLine: { show: false },
    splitLine: RULE,
  };
}

function ticksUpTo(max: number, interval: number) {
  return { interval, max: Math.ceil(max / interval) * interval };
}

/** Rounds the end of an axis up to a multiple of a quarter of its power of ten. */
function roundUp(max: number): number {
  const step = 10 ** Math.floor(Math.log10(max)) / 4;
  return Math.ceil(max / step) * step;
}

function markLineOf({ value, label }: { value: number; label: string }) {
  return {
    silent: true,
    symbol: "none",
    emphasis: { disabled: true },
    lineStyle: { color: "var(--alert)", type: "dashed" },
    label: {
      formatter: label,
      position: "start",
      color: "var(--alert)",
      textBorderWidth: 0,
      fontSize: 12,
    },
    data: [{ xAxis: value }],
  };
}

/** Draws without a browser and returns an SVG without scripts. */
function draw(height: number, option: EChartsCoreOption): Html {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: "inherit" }, ...option });
    return new Html(chart.renderToSVGString({ useViewBox: true }));
  } finally {
    chart.dispose();
  }
}
