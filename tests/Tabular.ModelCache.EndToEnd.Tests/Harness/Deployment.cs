using System.Globalization;

namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>A store, sources, and the environment variables that make the sample app use them.</summary>
internal sealed class Deployment : IDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly Dictionary<string, string> _environment;
    private readonly bool _ownsFolder;
    private int _models;

    public Deployment()
    {
        _folder = new TemporaryFolder();
        _ownsFolder = true;
        Mount = _folder.Join("store");
        _environment = new(StringComparer.Ordinal)
        {
            ["DOTNET_ENVIRONMENT"] = "Production",
            ["PORT"] = "0",

            // Short lives: profiling for a later optimization would never pay.
            ["DOTNET_TieredPGO"] = "0",
            ["MODEL_CACHE_PATH"] = Mount,
        };
        foreach (var name in new[] { "PATH", "HOME", "DOTNET_ROOT", "DOTNET_CLI_HOME" })
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                _environment[name] = value;
            }
        }
    }

    private Deployment(Deployment other, string mount)
    {
        _folder = other._folder;
        _models = other._models;
        Mount = mount;
        _environment = new(other._environment, StringComparer.Ordinal) { ["MODEL_CACHE_PATH"] = mount };
    }

    /// <summary>The folder that is store and mount at once.</summary>
    public string Mount { get; }

    /// <summary>Where the app is started: beside its settings file, as in a container image, unless a test says otherwise.</summary>
    public string WorkingDirectory { get; set; } = SampleProgram.Folder;

    /// <summary>The app: as it was built, unless a test says otherwise.</summary>
    public string Program { get; set; } = SampleProgram.Path;

    /// <summary>A program with arguments that becomes the app, such as <c>setpriv</c>; empty starts it at once.</summary>
    public IReadOnlyList<string> Launcher { get; set; } = [];

    public string Manifest => Path.Join(Mount, "manifest.json");

    /// <summary>A folder for sources, beside the store.</summary>
    public string Source(string name) => _folder.Join("sources", name);

    /// <summary>The same store and sources with variables of its own.</summary>
    public Deployment Copy() => new(this, Mount);

    /// <summary>The same sources and variables with another, empty store.</summary>
    public Deployment CopyWithStore(string name) => new(this, _folder.Join("stores", name));

    /// <summary>Sets a variable; <see langword="null"/> removes it.</summary>
    public Deployment With(string key, string? value)
    {
        if (value is null)
        {
            _environment.Remove(key);
        }
        else
        {
            _environment[key] = value;
        }

        return this;
    }

    /// <summary>Sets a key of the section <c>ModelCache</c>, written with colons.</summary>
    public Deployment WithSetting(string key, string? value) =>
        With("ModelCache__" + key.Replace(":", "__", StringComparison.Ordinal), value);

    /// <summary>Adds a model whose source is a folder of this deployment, named like the model.</summary>
    public Deployment WithModel(string name, string kind) => WithModel(name, kind, "dir://" + Source(name));

    /// <summary>Adds a model with any source.</summary>
    public Deployment WithModel(string name, string kind, string source)
    {
        var at = "Models:" + _models++.ToString(CultureInfo.InvariantCulture);
        return WithSetting(at + ":Name", name).WithSetting(at + ":Kind", kind).WithSetting(at + ":Source", source);
    }

    /// <summary>Starts the app as a server, or with the arguments of a command.</summary>
    public TabularProcess Start(params string[] arguments) => TabularProcess.Start(_environment, WorkingDirectory, Program, Launcher, arguments);

    /// <summary>Starts the app, waits until it is ready, and stops it.</summary>
    public async Task<Health> PublishAsync()
    {
        await using var app = Start();
        var health = await app.WaitUntilReadyAsync();
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
        return health;
    }

    /// <summary>Runs <c>model-cache</c> with arguments to its end.</summary>
    public Task<CommandResult> RunCommandAsync(params string[] arguments) => RunAsync(["model-cache", .. arguments]);

    /// <summary>Runs the program to its end.</summary>
    public async Task<CommandResult> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        var exitCode = await process.WaitForExitAsync();
        process.Output.Concat(process.Error).Should().NotContain(l => l.Contains("Now listening on", StringComparison.Ordinal), "a command is no server");
        return new CommandResult(exitCode, string.Join('\n', process.Output), string.Join('\n', process.Error));
    }

    /// <summary>The state of a model's lease, as <c>model-cache status</c> tells it.</summary>
    public async Task<string> GetLeaseStateAsync(string model)
    {
        var status = await RunCommandAsync("status", "--json");
        status.ExitCode.Should().Be(0, status.Error);
        return status.Json.GetProperty("models").EnumerateArray().Single(m => m.GetProperty("name").GetString() == model)
            .GetProperty("lease").GetProperty("state").GetString()!;
    }

    public void Dispose()
    {
        if (_ownsFolder)
        {
            _folder.Dispose();
        }
    }
}
