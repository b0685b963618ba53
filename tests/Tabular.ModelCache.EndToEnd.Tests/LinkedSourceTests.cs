using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>A Hugging Face cache as a downloader leaves it, as the source.</summary>
public sealed class LinkedSourceTests : IDisposable
{
    private readonly Deployment _deployment = new Deployment().WithModel("embedder", "sbert");

    [Fact]
    public async Task Start_LinksIntoBlobs_PublishesPlainFilesWithoutBlobs()
    {
        var source = _deployment.Source("embedder");
        ModelFiles.WriteLinkedSbert(source, seed: 1, 1 << 20);
        Directory.CreateDirectory(Path.Join(source, ".locks", ModelFiles.HubFolder));
        await File.WriteAllTextAsync(Path.Join(source, ".locks", ModelFiles.HubFolder, "x.lock"), "", TestContext.Current.CancellationToken);
        await using var app = _deployment.WithSetting("Verification", "Content").Start();
        await app.WaitUntilReadyAsync();

        var served = (await app.GetModelsAsync()).Should().ContainSingle().Subject;

        var folder = Path.Join(ModelFiles.HubFolder, "snapshots", ModelFiles.Commit);
        ModelFiles.List(served.Path).Should().Equal(
            Path.Join(ModelFiles.HubFolder, "refs", "main"), Path.Join(folder, "config.json"), Path.Join(folder, "model.safetensors"));
        foreach (var path in ModelFiles.List(served.Path))
        {
            new FileInfo(Path.Join(served.Path, path)).LinkTarget.Should().BeNull();
            (await File.ReadAllBytesAsync(Path.Join(served.Path, path), TestContext.Current.CancellationToken))
                .Should().Equal(await File.ReadAllBytesAsync(Path.Join(source, path), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Start_LinkOutOfTheFolder_ExitsAndPublishesNothing()
    {
        var source = _deployment.Source("embedder");
        ModelFiles.WriteSbert(source, seed: 1, 1000);
        File.CreateSymbolicLink(ModelFiles.Snapshot(source, "tokenizer.json"), "/etc/hostname");
        await using var app = _deployment.Start();

        (await app.WaitForExitAsync()).Should().Be(70, app.Transcript);
        app.Log.Should().ContainSingle(e => e.Level == "crit").Which.Message.Should().Contain("tokenizer.json").And.Contain("/etc/hostname");
        Directory.Exists(Path.Join(_deployment.Mount, "sbert")).Should().BeFalse();
    }

    public void Dispose() => _deployment.Dispose();
}
