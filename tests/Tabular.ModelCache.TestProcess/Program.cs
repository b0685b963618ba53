using System.Globalization;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.TestProcess;

// ollama <behavior> <prepared folder> <record file>: stands in for `ollama serve` until SIGTERM.
if (args is ["ollama", var behavior, var prepared, var record])
{
    return await new OllamaStandIn(behavior, prepared, record).RunAsync();
}

// worker: a worker service that needs the model 'demo'.
if (args is ["worker"])
{
    return await CacheHost.WorkAsync();
}

// model-cache <command>: a console program that only runs commands.
if (args is ["model-cache", ..])
{
    return await CacheHost.RunAsync(args);
}

// store-churn <root> <seed> <process number>: changes objects below the root until killed; prints lines about its changes.
if (args is not ["store-churn", var root, var seed, var number])
{
    Console.Error.WriteLine("Expected: store-churn <root> <seed> <process number>.");
    return 64;
}

// Whoever started it holds the other end of its standard input: without them it ends as well.
new Thread(() =>
{
    Console.In.ReadToEnd();
    Environment.Exit(0);
})
{ IsBackground = true }.Start();

var random = new Random(int.Parse(seed, CultureInfo.InvariantCulture));
var store = new DirectoryObjectStore(root, TimeProvider.System, random);
await new StoreChurn(store, random, number, Console.Out).RunAsync();
return 0;
