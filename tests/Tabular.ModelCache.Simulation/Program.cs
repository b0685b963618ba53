using System.Globalization;
using System.Text;
using Tabular.ModelCache.Simulation;
using Tabular.ModelCache.Simulation.Planted;

// simulate [COUNT] [FIRST]   runs seeds until one fails
// replay SEED [BUG]          runs one seed and prints what happens
// bugs [COUNT] [BUG]         runs every planted bug, or one, until it is found
// Anything else goes to the test runner.
var number = args.Length > 1 && int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 2000;
switch (args.FirstOrDefault())
{
    case "simulate":
        var first = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;
        var sweep = SeedSweep.Run(first, number);
        Console.WriteLine(sweep);
        Console.WriteLine(string.Join(", ", sweep.Coverage.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}")));
        if (sweep.Failure is { } failure)
        {
            Console.WriteLine($"Replay it: dotnet run --project tests/Tabular.ModelCache.Simulation -- replay {failure.Seed}");
        }

        return sweep.Failure is null ? 0 : 1;

    case "replay":
        await using (var trace = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16))
        {
            var bug = args.Length > 2 ? PlantedBugs.Create(args[2]) : null;
            var result = Simulation.Run(number, bug, trace);
            await trace.WriteLineAsync($"seed {result.Seed}: {result.Events} events, digest {result.Digest:x16}: {result.Violation?.ToString() ?? "no violation"}");
            return result.Violation is null ? 0 : 1;
        }

    case "bugs":
        var missed = 0;
        foreach (var name in PlantedBugs.Names.Where(name => args.Length < 3 || args[2] == name))
        {
            var found = SeedSweep.Run(1, number, () => PlantedBugs.Create(name));
            Console.WriteLine($"{name}: {found}");
            missed += found.Failure is null ? 1 : 0;
        }

        return missed;

    default:
        return args.Any(a => a is "--server" or "--internal-msbuild-node")
            ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}
