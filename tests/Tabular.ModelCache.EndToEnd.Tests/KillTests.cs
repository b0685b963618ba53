using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>kill -9 at random moments of a publish, each followed by a start that must converge and a sync that must tidy up.</summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class KillTests : IDisposable
{
    private const int Lanes = 8;

    private const int Seed = 20251114;
    private const string Model = "embedder";

    private static readonly int Kills = FullRun.IsOn ? 200 : 50;

    // A kill comes a random while after one of these lines, so that short phases are hit as often as long ones. Nothing: the process start.
    private static readonly string[] Moments =
    [
        "",
        $"Acquired the lease of {Model}",
        $"Resolved {Model}",
        $"Resolved {Model}",
        "-> Publishing",
        $"Published {Model}",
    ];

    // Enough small files to have many steps to die between; every other publish also has one that is large enough for regions.
    private static readonly string[] Sources = ["small", "large"];

    private readonly Deployment _deployment = new Deployment().WithModel("llm", "ollama").WithModel(Model, "sbert").WithSetting("Lease:Ttl", "00:00:20");

    [Fact]
    public async Task Kill_AtRandomMomentsOfAPublish_TheNextStartConvergesAndServesTheSource()
    {
        int[] sizes = [.. Enumerable.Range(1, 24).Select(i => i * 40_000)];
        ModelFiles.WriteSbert(_deployment.Source("small"), seed: 1, sizes);
        ModelFiles.WriteSbert(_deployment.Source("large"), seed: 2, [66 << 20, .. sizes]);
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 3, 1 << 20, 1000);
        var phases = new Dictionary<string, TimeSpan[]>();
        foreach (var source in Sources)
        {
            phases[source] = await MeasureAsync(source);
        }

        var random = new Random(Seed);
        var plans = Enumerable.Range(0, Kills)
            .Select(i => (Number: i, Source: Sources[i / Moments.Length % Sources.Length], Moment: i % Moments.Length))
            .Select(p => (p.Number, p.Source, Moment: Moments[p.Moment], Delay: phases[p.Source][p.Moment] * (random.NextDouble() * 1.1)))
            .ToList();

        var lines = new string[Kills];
        await Parallel.ForEachAsync(
            plans,
            new ParallelOptions { MaxDegreeOfParallelism = Lanes, CancellationToken = TestContext.Current.CancellationToken },
            async (plan, _) => lines[plan.Number] = await KillAndConvergeAsync(plan.Number, plan.Source, plan.Moment, plan.Delay));

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', lines));
    }

    public void Dispose() => _deployment.Dispose();

    /// <summary>Measures, on one undisturbed publish, how long each phase lasts: from its line to the next one.</summary>
    private async Task<TimeSpan[]> MeasureAsync(string source)
    {
        await using var app = WithSource(source, "reference-" + source).Start();
        var watch = Stopwatch.StartNew();
        var lines = Moments.Distinct().Skip(1).Append("The gate is open");
        var at = new Dictionary<string, TimeSpan> { [""] = TimeSpan.Zero };
        foreach (var line in lines)
        {
            await app.WaitForOutputAsync(line);
            at[line] = watch.Elapsed;
        }

        var ordered = at.Values.ToList();
        return
        [
            .. Moments.Select(m => ordered.SkipWhile(t => t <= at[m]).DefaultIfEmpty(at[m]).First() - at[m] + TimeSpan.FromMilliseconds(10)),
        ];
    }

    private Deployment WithSource(string source, string store) =>
        _deployment.CopyWithStore(store).WithSetting("Models:1:Source", "dir://" + _deployment.Source(source));

    private async Task<string> KillAndConvergeAsync(int number, string source, string moment, TimeSpan delay)
    {
        var deployment = WithSource(source, number.ToString(CultureInfo.InvariantCulture));
        var name = $"kill {number}, {source}: {delay.TotalMilliseconds:0} ms after '{moment}'";

        // The lease of a dead process ends as that process has said; the others renew theirs in time even on a busy machine.
        await using (var victim = deployment.Copy().WithSetting("Lease:Ttl", "00:00:04").Start())
        {
            if (moment.Length > 0)
            {
                await victim.WaitForOutputAsync(moment);
            }

            await Task.Delay(delay, TestContext.Current.CancellationToken);
            victim.Send(Signal.Kill);
            await victim.WaitForExitAsync();
        }

        var left = Describe(deployment);
        var watch = Stopwatch.StartNew();
        await using (var app = deployment.Start())
        {
            await app.WaitUntilReadyAsync();
            var took = watch.Elapsed;
            foreach (var model in await app.GetModelsAsync())
            {
                ModelFiles.ShouldBeEqual(model.Path, _deployment.Source(model.Name == Model ? source : model.Name));
            }

            app.Log.Should().NotContain(e => e.IsNoise, name);
            name += $", left {left}; ready after {took.TotalSeconds:0.0} s";
        }

        var sync = await deployment.RunCommandAsync("sync");
        sync.ExitCode.Should().Be(0, sync.Error);
        ShouldBeTidy(deployment, name);
        Directory.Delete(deployment.Mount, recursive: true);
        return name;
    }

    private static string Describe(Deployment deployment)
    {
        int Count(string folder) => Directory.Exists(Path.Join(deployment.Mount, folder))
            ? Directory.EnumerateFiles(Path.Join(deployment.Mount, folder), "*", SearchOption.AllDirectories).Count()
            : 0;
        return $"{Count(".tmp")} staged, {Count("sbert")} promoted, manifest {(File.Exists(deployment.Manifest) ? "there" : "absent")}";
    }

    private static void ShouldBeTidy(Deployment deployment, string name)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(deployment.Manifest));
        var kept = manifest.RootElement.GetProperty("models").EnumerateObject()
            .SelectMany(m => m.Value.GetProperty("versions").EnumerateArray())
            .SelectMany(v => v.GetProperty("files").EnumerateArray().Select(f => $"{v.GetProperty("path").GetString()}/{f.GetProperty("path").GetString()}"));
        var found = Directory.EnumerateFiles(deployment.Mount, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(deployment.Mount, f))
            .Where(f => f != "manifest.json" && f.Split('/')[0] is not (".locks" or ".store"));
        found.Should().BeEquivalentTo(kept, name);
    }
}
