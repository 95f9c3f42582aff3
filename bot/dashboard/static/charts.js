// Draws the page's charts from its data blocks; each chart's figures also stand in a table or in the text.
"use strict";
(() => {
  const TONES = {
    genesis: 1, development: 2, content: 3, review: 4,
    succeeded: 3, failed: 4, "sent back": 2, lost: 5, "under way": 1, expected: 5,
    up: 1, "at work": 2,
  };
  const drawn = [];

  function ink() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return {
      text: of("--text"), quiet: of("--quiet"), line: of("--line"), ground: of("--surface"), now: of("--bad"),
      font: of("--sans"), tone: (name) => of(`--tone-${TONES[name] || 5}`),
    };
  }

  function shown(at) {
    return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  }

  function timeLabel(at) {
    const text = new Date(at).toISOString();
    return text.slice(11, 16) === "00:00" ? text.slice(5, 10) : text.slice(11, 16);
  }

  function length(ms) {
    const minutes = Math.round(ms / 60000);
    if (minutes < 1) return `${Math.round(ms / 1000)} s`;
    const hours = Math.floor(minutes / 60);
    return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
  }

  function common(colours, description) {
    return {
      animation: false,
      useUTC: true,
      backgroundColor: "transparent",
      textStyle: { fontFamily: colours.font, color: colours.text },
      aria: { enabled: true, label: { description }, decal: { show: true } },
      legend: { top: 0, left: 0, itemGap: 16, textStyle: { color: colours.text }, inactiveColor: colours.quiet },
      tooltip: {
        renderMode: "richText", confine: true, backgroundColor: colours.ground, borderColor: colours.line,
        textStyle: { color: colours.text, fontSize: 13 },
      },
    };
  }

  function axisOf(colours, more) {
    return {
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.quiet, hideOverlap: true, ...(more.axisLabel || {}) },
      splitLine: { lineStyle: { color: colours.line }, ...(more.splitLine || {}) },
      ...Object.fromEntries(Object.entries(more).filter(([key]) => !["axisLabel", "splitLine"].includes(key))),
    };
  }

  function lines(data, colours) {
    const bars = data.series.some((one) => one.style === "bar");
    return {
      grid: { left: 44, right: 16, top: 40, bottom: 28 },
      xAxis: axisOf(colours, { type: "time", splitLine: { show: false }, axisLabel: { formatter: timeLabel } }),
      yAxis: axisOf(colours, {
        type: "value", minInterval: data.percent ? 0 : 1, name: data.unit, nameTextStyle: { color: colours.quiet, align: "left" },
        nameGap: 8, nameLocation: "end", axisLabel: data.percent ? { formatter: (part) => `${Math.round(part * 100)}%` } : {},
      }),
      tooltip: { ...common(colours, "").tooltip, trigger: "axis" },
      series: data.series.map((one) => ({
        name: one.name,
        type: one.style === "bar" ? "bar" : "line",
        step: one.style === "step" ? "end" : false,
        stack: bars ? "all" : undefined,
        barMaxWidth: 28,
        barMinWidth: 2,
        symbol: data.times.length > 60 ? "none" : ["circle", "rect", "triangle", "diamond"][data.series.indexOf(one) % 4],
        symbolSize: 6,
        lineStyle: { width: 2, type: ["solid", "dashed", "dotted", [8, 3, 2, 3]][data.series.indexOf(one) % 4] },
        itemStyle: { color: colours.tone(one.name) },
        data: data.times.map((at, index) => [at, one.values[index]]),
      })),
      legend: { ...common(colours, "").legend, right: 0, left: "auto" },
    };
  }

  function rowsAxis(colours, rows, narrow) {
    return axisOf(colours, {
      type: "category", data: rows, inverse: true, splitLine: { show: false },
      axisLabel: { width: narrow ? 92 : 190, overflow: "truncate", color: colours.text, interval: 0 },
    });
  }

  function nowLine(colours, at) {
    return {
      silent: true, symbol: "none", lineStyle: { color: colours.now, width: 1.5, type: "solid" },
      label: { formatter: "now", color: colours.text, position: "start" }, data: [{ xAxis: at }],
    };
  }

  function timeline(data, colours, narrow) {
    const tones = [...new Set(data.bars.map((bar) => bar.tone))];
    const render = (parameters, api) => {
      const begin = api.coord([api.value(1), api.value(0)]);
      const end = api.coord([api.value(2), api.value(0)]);
      const height = Math.min(14, api.size([0, 1])[1] * 0.62);
      return {
        type: "rect",
        shape: { x: begin[0], y: begin[1] - height / 2, width: Math.max(2, end[0] - begin[0]), height, r: 2 },
        style: { fill: api.visual("color"), decal: api.visual("decal"), stroke: colours.ground, lineWidth: 1 },
      };
    };
    return {
      grid: { left: narrow ? 104 : 204, right: 24, top: 44, bottom: 28 },
      xAxis: axisOf(colours, { type: "time", min: data.begin, max: data.end, axisLabel: { formatter: timeLabel } }),
      yAxis: rowsAxis(colours, data.rows, narrow),
      tooltip: {
        ...common(colours, "").tooltip,
        formatter: ({ data: bar, seriesName }) =>
          `${bar.label}\n${seriesName}\n${shown(bar.value[1])} to ${shown(bar.value[2])} (${length(bar.value[2] - bar.value[1])})`,
      },
      series: tones.map((tone, index) => ({
        name: tone, type: "custom", renderItem: render, clip: true, itemStyle: { color: colours.tone(tone) },
        encode: { x: [1, 2], y: 0 },
        markLine: index === 0 && data.now < data.end ? nowLine(colours, data.now) : undefined,
        data: data.bars.filter((bar) => bar.tone === tone)
          .map((bar) => ({ value: [bar.row, bar.begin, bar.end], label: bar.label })),
      })),
    };
  }

  function bands(data, colours, narrow) {
    const render = (parameters, api) => {
      const [low, high] = [1, 3].map((at) => api.coord([api.value(at), api.value(0)]));
      const middle = api.coord([api.value(2), api.value(0)]);
      return {
        type: "group",
        children: [
          { type: "rect", shape: { x: low[0], y: low[1] - 4, width: Math.max(1, high[0] - low[0]), height: 8, r: 3 },
            style: { fill: colours.tone("expected"), opacity: 0.55 } },
          { type: "circle", shape: { cx: middle[0], cy: middle[1], r: 5 }, style: { fill: colours.tone("under way"), stroke: colours.ground, lineWidth: 1 } },
        ],
      };
    };
    return {
      grid: { left: narrow ? 104 : 204, right: 24, top: 24, bottom: 28 },
      legend: { show: false },
      xAxis: axisOf(colours, {
        type: "time", axisLabel: { formatter: timeLabel },
        min: Math.min(data.now, ...data.bands.map((band) => band[0])), max: Math.max(data.now + 60000, ...data.bands.map((band) => band[2])),
      }),
      yAxis: rowsAxis(colours, data.rows, narrow),
      tooltip: {
        ...common(colours, "").tooltip,
        formatter: ({ value }) => `${data.rows[value[0]]}\nexpected ${shown(value[2])}\n${shown(value[1])} to ${shown(value[3])}`,
      },
      series: [{
        name: "expected end", type: "custom", renderItem: render, encode: { x: [1, 2, 3], y: 0 },
        markLine: nowLine(colours, data.now),
        data: data.bands.map((band, row) => [row, ...band]),
      }],
    };
  }

  const KINDS = { lines, timeline, bands };

  function empty(data) {
    return !(data.times || data.bars || data.bands).length;
  }

  function draw(place) {
    const figure = place.closest("figure");
    const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    if (empty(data)) {
      figure.classList.add("nothing");
      return;
    }
    const title = figure.querySelector("figcaption :is(h2, h3)").textContent;
    const note = figure.querySelector("figcaption p");
    const description = `${title}. ${note ? note.textContent : ""} A table or the text of this page has the same figures.`;
    place.style.height = `${figure.querySelector(".plot-space").getAttribute("height")}px`;
    const chart = echarts.init(place, null, { renderer: "svg" });
    const paint = () => {
      const colours = ink();
      const own = KINDS[data.kind](data, colours, place.clientWidth < 560);
      chart.setOption({ ...common(colours, description), ...own }, { notMerge: true });
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", description);
    };
    paint();
    drawn.push({ chart, paint });
  }

  for (const place of document.querySelectorAll("[data-chart]")) draw(place);
  document.addEventListener("theme", () => drawn.forEach(({ paint }) => paint()));
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    for (const { chart, paint } of drawn) { chart.resize(); paint(); }
  });
  document.documentElement.dataset.drawn = String(drawn.length);
  performance.mark("charts-drawn");
})();
